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
    let Some(proxy) = &options.proxy else {
        let stream = tcp(host_and_port(uri)).await?;
        return if is_secure(uri) { tls(uri, stream, options).await } else { Ok(Box::new(stream)) };
    };
    let stream = proxy.tunnel(tcp(proxy.host_and_port()).await?, uri).await?;
    if is_secure(uri) { tls(uri, stream, options).await } else { Ok(Box::new(stream)) }
}

async fn tcp(address: (&str, u16)) -> Result<TcpStream, ConnectError> {
    let stream = TcpStream::connect(address).await.map_err(ConnectError::Io)?;
    // Messages are small and must not be delayed.
    stream.set_nodelay(true).map_err(ConnectError::Io)?;
    Ok(stream)
}

#[cfg(not(feature = "rustls"))]
async fn tls<S>(_: &Uri, _: S, _: &ClientOptions) -> Result<Box<dyn ByteStream>, ConnectError> {
    Err(ConnectError::Address("https and wss need the feature `rustls`".into()))
}

#[cfg(feature = "rustls")]
async fn tls<S: ByteStream + 'static>(
    uri: &Uri,
    stream: S,
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
