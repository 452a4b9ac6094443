//! The networks of the paper, each file named as the paper names them, and our own families.
//! Everything is exact; theorem files build their instances from here.

pub mod sim_bn_generaliser;
