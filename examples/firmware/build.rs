//! Tells the linker where flash and RAM are, wherever cargo is called from.

fn main() {
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    println!("cargo:rustc-link-search={here}");
    println!("cargo:rerun-if-changed=memory.x");
    for script in ["link.x", "defmt.x"] {
        println!("cargo:rustc-link-arg-bins=-T{script}");
    }
    // The vector table comes first, and lld must not page-align what follows.
    println!("cargo:rustc-link-arg-bins=--nmagic");
}
