//! The client hash of a login.

/// The unverified identification of a client's machine: an MD5 of its files and, later, of its hardware.
///
/// There are two forms. Clients of 2012 send a single MD5. Later ones send a list with a `:` after each part: the MD5 of
/// the executable, the network adapters, and the MD5s of the adapters, of the id of the installation and of the disk's
/// signature. Any part may be missing.
///
/// ```
/// use lobbywire_core::bancho::login::ClientHash;
///
/// let hash = ClientHash("d41d8cd98f00b204e9800998ecf8427e:001122334455.aabbccddeeff.:x:y:z:");
/// assert_eq!(hash.executable_md5(), "d41d8cd98f00b204e9800998ecf8427e");
/// assert!(hash.adapter_addresses().eq(["001122334455", "aabbccddeeff"]));
/// assert_eq!(hash.disk_md5(), Some("z"));
/// assert_eq!(ClientHash("d41d8cd98f00b204e9800998ecf8427e").adapters(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientHash<'a>(
    /// The text of the field.
    pub &'a str,
);

impl<'a> ClientHash<'a> {
    /// The MD5 of `unknown`, which clients send for an id that they cannot determine. Until about b20120506, all clients
    /// send it for the last two parts.
    pub const UNKNOWN_MD5: &'static str = "ad921d60486366258809553a3db49a4a";

    /// The MD5 of empty input, sent with an empty list of adapters.
    pub const EMPTY_MD5: &'static str = "d41d8cd98f00b204e9800998ecf8427e";

    /// The text that clients under Wine send instead of the adapters.
    pub const WINE_ADAPTERS: &'static str = "runningunderwine";

    /// Whether this is a list; if not, it is a single MD5, as sent in 2012.
    pub fn is_list(self) -> bool {
        self.0.contains(':')
    }

    /// The MD5 of the executable, or the single MD5.
    pub fn executable_md5(self) -> &'a str {
        self.part(0).unwrap_or("")
    }

    /// The network adapters: for each, its address (12 hexadecimal digits) and a `.`. May be empty or
    /// [`WINE_ADAPTERS`](Self::WINE_ADAPTERS).
    pub fn adapters(self) -> Option<&'a str> {
        self.part(1)
    }

    /// The addresses of the network adapters; none under Wine.
    pub fn adapter_addresses(self) -> impl Iterator<Item = &'a str> + Clone {
        let adapters = if self.is_wine() { "" } else { self.adapters().unwrap_or("") };
        adapters.split('.').filter(|address| !address.is_empty())
    }

    /// Whether the client reports that it runs under Wine; it then sends no adapters.
    pub fn is_wine(self) -> bool {
        self.adapters().is_some_and(|adapters| adapters.trim_end_matches('.') == Self::WINE_ADAPTERS)
    }

    /// The MD5 of [`adapters`](Self::adapters).
    pub fn adapters_md5(self) -> Option<&'a str> {
        self.part(2)
    }

    /// The MD5 of the id of the installation.
    pub fn uninstall_md5(self) -> Option<&'a str> {
        self.part(3)
    }

    /// The MD5 of the disk's signature.
    pub fn disk_md5(self) -> Option<&'a str> {
        self.part(4)
    }

    /// The part at this index. A `:` at the end does not start another part.
    fn part(self, index: usize) -> Option<&'a str> {
        self.0.strip_suffix(':').unwrap_or(self.0).split(':').nth(index)
    }
}
