//! Writes for each target its corpus and its words as libFuzzer takes them: `FOLDER/NAME/` and `FOLDER/NAME.dict`. Prints the names.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).expect("the folder to write to");
    for target in fuzz::targets::ALL {
        let corpus = Path::new(&folder).join(target.name);
        std::fs::create_dir_all(&corpus)?;
        for (number, input) in (target.corpus)().iter().enumerate() {
            std::fs::write(corpus.join(format!("honest-{number}")), input)?;
        }
        let entry = |word: &&str| format!("\"{}\"\n", word.bytes().map(|octet| format!("\\x{octet:02x}")).collect::<String>());
        let words: String = target.words.iter().map(entry).collect();
        std::fs::write(Path::new(&folder).join(format!("{}.dict", target.name)), words)?;
        println!("{}", target.name);
    }
    Ok(())
}
