echo 'fn main() { let v: Vec<std::collections::HashMap<String, String>> = vec![]; println!("{:?}", v); }' > m.rs
while :; do rustc -O m.rs; done
