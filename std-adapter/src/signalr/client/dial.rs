//! Opens byte streams: TCP, a proxy's tunnel, and TLS.

use super::error::ConnectError;
use super::options::ClientOptions;
use super::url::{host_and_port, is_secure};
use http::Uri;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// A TCP or TLS stream.
pub(super) trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for S {}

/// Opens a stream to the host of an address.
pub(super) async fn dial(uri: &Uri, options: &ClientOptions) -> Result<Box<dyn ByteStream>, ConnectError> {
    #[cfg(not(feature = "rustls"))]
    if is_secure(uri) {
        return Err(ConnectError::Address("https and wss need the feature `rustls`".into()));
    }
    let stream: Box<dyn ByteStream> = match &options.proxy {
        None => Box::new(tcp(host_and_port(uri)).await?),
        Some(proxy) => Box::new(proxy.tunnel(tcp(proxy.host_and_port()).await?, uri).await?),
    };
    #[cfg(feature = "rustls")]
    if is_secure(uri) {
        return tls(uri, stream, options).await;
    }
    Ok(stream)
}

async fn tcp(address: (&str, u16)) -> Result<TcpStream, ConnectError> {
    let stream = TcpStream::connect(address).await.map_err(ConnectError::Io)?;
    // Messages are small and must not be delayed.
    stream.set_nodelay(true).map_err(ConnectError::Io)?;
    Ok(stream)
}

#[cfg(feature = "rustls")]
async fn tls(
    uri: &Uri,
    stream: Box<dyn ByteStream>,
    options: &ClientOptions,
) -> Result<Box<dyn ByteStream>, ConnectError> {
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::pki_types::ServerName;

    let (host, _) = host_and_port(uri);
    let name = ServerName::try_from(host.to_owned()).map_err(ConnectError::other)?;
    let connector = TlsConnector::from(options.tls.config()?);
    let stream = connector.connect(name, stream).await.map_err(ConnectError::Tls)?;
    Ok(Box::new(stream))
}
