//! Help, completions and the manual page.

mod tool;

use tool::run;

const COMMANDS: [&str; 11] = [
    "bancho versions",
    "bancho decode",
    "bancho encode",
    "bancho transcode",
    "faf decode",
    "faf encode",
    "faf transcode",
    "signalr decode",
    "signalr encode",
    "completions",
    "man",
];

#[test]
fn every_command_has_examples_that_parse() {
    for command in COMMANDS {
        let help = run(&format!("{command} --help"), b"").expect_success();
        let help = String::from_utf8(help.stdout).unwrap();
        let (_, examples) = help.split_once("Example").unwrap_or_else(|| panic!("{command}: {help}"));
        assert!(examples.contains(&format!("lobbywire {command}")), "{command}: {help}");
        for example in examples.lines().filter(|line| line.starts_with("  ")) {
            let (_, arguments) = example.rsplit_once("lobbywire ").unwrap();
            let arguments = arguments.split(['|', '>', '<']).next().unwrap();
            // Files of the examples do not exist here: wrong usage is 2.
            let outcome = run(arguments, b"");
            assert!(matches!(outcome.code, Some(0 | 3)), "{arguments}: {}", outcome.stderr);
        }
    }
}

#[test]
fn completions_of_every_shell_know_the_options() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&format!("completions {shell}"), b"").expect_success();
        let script = String::from_utf8(script.stdout).unwrap();
        for word in ["transcode", "build", "ignore-unknown"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(run("completions tcsh", b"").code, Some(2));
}

#[test]
fn the_manual_page_describes_every_command() {
    let page = run("man", b"").expect_success();
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(page.contains(".TH LOBBYWIRE 1"), "{page}");
    for command in COMMANDS {
        let section = format!(".SH \"LOBBYWIRE {}\"", command.to_uppercase());
        assert_eq!(page.matches(&section).count(), 1, "{section}");
    }
    for text in ["\\-\\-keep\\-going", "exit code", ".SS EXAMPLES"] {
        assert!(page.contains(text), "{text}");
    }
}
