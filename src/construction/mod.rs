//! The networks of the paper, each file named as the paper names them, and our own families.
//! Everything is exact; theorem files build their instances from here.

pub mod condition_2;
pub mod face_cover;
pub mod lemma_a_1;
pub mod no_bias_memoriser;
pub mod proposition_4_1;
pub mod proposition_4_2;
pub mod proposition_5;
pub mod proposition_a_1;
pub mod proposition_a_2;
pub mod relu_sum;
pub mod sim_bn_generaliser;
pub mod sim_bn_interpolants;
pub mod theorem_3_2_absorbed;
pub mod theorem_3_2_leaning;
pub mod theorem_3_2_pairs;
pub mod theorem_4_1;
pub mod theorem_5_1;
pub mod three_notions;
