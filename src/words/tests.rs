use super::*;
#[test]
fn counts_are_grouped_by_three() {
    assert_eq!(grouped(780_873), "780,873");
    assert_eq!(grouped(999), "999");
}
