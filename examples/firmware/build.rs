//! Passes the linker scripts to the linker, independently of the current directory.

fn main() {
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    println!("cargo:rustc-link-search={here}");
    println!("cargo:rerun-if-changed=memory.x");
    for script in ["link.x", "defmt.x"] {
        println!("cargo:rustc-link-arg-bins=-T{script}");
    }
    // The vector table comes first, and lld must not align the next section to a page.
    println!("cargo:rustc-link-arg-bins=--nmagic");
}
