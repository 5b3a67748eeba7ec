//! Which servers are trusted.

use super::error::ConnectError;
use std::sync::{Arc, OnceLock};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

/// The options of TLS.
#[derive(Clone, Default)]
pub(super) struct Tls {
    /// Replaces everything else.
    pub(super) config: Option<Arc<ClientConfig>>,
    /// Trusted in addition to the certificates of the system.
    pub(super) roots: Vec<CertificateDer<'static>>,
}

impl Tls {
    pub(super) fn config(&self) -> Result<Arc<ClientConfig>, ConnectError> {
        // Reading the certificates of the system takes time, so that is done once.
        static SYSTEM: OnceLock<RootCertStore> = OnceLock::new();
        static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
        if let Some(config) = &self.config {
            return Ok(config.clone());
        }
        if let Some(config) = CONFIG.get().filter(|_| self.roots.is_empty()) {
            return Ok(config.clone());
        }
        let mut roots = SYSTEM
            .get_or_init(|| {
                let mut roots = RootCertStore::empty();
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                roots
            })
            .clone();
        for root in &self.roots {
            roots.add(root.clone()).map_err(ConnectError::other)?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(ConnectError::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let config = Arc::new(config);
        Ok(if self.roots.is_empty() { CONFIG.get_or_init(|| config).clone() } else { config })
    }
}
