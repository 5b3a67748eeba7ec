//! The types of a connection, with all that does not wait: once for tokio, once blocking.

/// Declares `Connection` and its halves `Reader` and `Writer`.
macro_rules! connection {
    ($(#[$docs:meta])* $(split: #[$split_docs:meta])*) => {
        $(#[$docs])*
        #[derive(Debug)]
        pub struct Connection<S> {
            stream: S,
            read_buffer: ReadBuffer,
            outbox: Outbox,
        }

        impl<S> Connection<S> {
            /// The server's end, with [`Options::server`].
            pub fn server(stream: S, version: Version) -> Self {
                Self::reading(Side::Client, stream, version)
            }

            /// The client's end, with [`Options::client`].
            pub fn client(stream: S, version: Version) -> Self {
                Self::reading(Side::Server, stream, version)
            }

            /// The end that reads what `side` sends, with its [options](Options::reading).
            pub fn reading(side: Side, stream: S, version: Version) -> Self {
                let read_buffer = ReadBuffer::new(Codec::reading(side, version));
                Self { stream, read_buffer, outbox: Outbox::new(version).with_options(Options::reading(side)) }
            }

            /// The same with other options.
            #[must_use]
            pub fn with_options(self, options: Options) -> Self {
                let read_buffer = self.read_buffer.with_options(options);
                Self { read_buffer, outbox: self.outbox.with_options(options), ..self }
            }

            /// The same, with some packets written or read otherwise.
            #[must_use]
            pub fn with_overrides(self, overrides: &Overrides) -> Self {
                let read_buffer = self.read_buffer.with_overrides(overrides);
                Self { read_buffer, outbox: self.outbox.with_overrides(overrides), ..self }
            }

            /// The same, with bytes that were read from the stream before, such as those behind a login.
            #[must_use]
            pub fn with_received(mut self, bytes: &[u8]) -> Self {
                self.read_buffer.buffer.extend_from_slice(bytes);
                self
            }

            /// The version that is spoken.
            pub fn version(&self) -> Version {
                self.outbox.version()
            }

            /// Speaks another version from the next packet on, in both directions.
            pub fn set_version(&mut self, version: Version) {
                self.read_buffer.codec.set_version(version);
                self.outbox.set_version(version);
            }

            /// Writes a packet leniently to what waits to be sent, and says how many frames that took: none
            /// where the version has no way to say it.
            ///
            /// # Errors
            /// [`WriteError::Full`] where more than [`Options::write_buffer`] would then wait.
            pub fn write(&mut self, packet: &impl Encode) -> Result<usize, WriteError> {
                self.outbox.write(packet)
            }

            /// What waits to be sent, to write to in other ways.
            pub fn outbox(&mut self) -> &mut Outbox {
                &mut self.outbox
            }

            /// The stream.
            pub fn stream(&self) -> &S {
                &self.stream
            }

            /// The stream, without what was read ahead and what waits to be sent.
            pub fn into_stream(self) -> S {
                self.stream
            }

            $(#[$split_docs])*
            pub fn split_with<R, W>(self, split: impl FnOnce(S) -> (R, W)) -> (Reader<R>, Writer<W>) {
                let (reads, writes) = split(self.stream);
                (Reader { stream: reads, read_buffer: self.read_buffer }, Writer { stream: writes, outbox: self.outbox })
            }
        }

        /// The half of a [`Connection`] that reads.
        #[derive(Debug)]
        pub struct Reader<R> {
            stream: R,
            read_buffer: ReadBuffer,
        }

        impl<R> Reader<R> {
            /// Takes another version from the next packet on.
            pub fn set_version(&mut self, version: Version) {
                self.read_buffer.codec.set_version(version);
            }

            /// The stream.
            pub fn stream(&self) -> &R {
                &self.stream
            }
        }

        /// The half of a [`Connection`] that writes.
        #[derive(Debug)]
        pub struct Writer<W> {
            stream: W,
            outbox: Outbox,
        }

        impl<W> Writer<W> {
            /// Writes a packet to what waits to be sent. See [`Connection::write`].
            ///
            /// # Errors
            /// [`WriteError::Full`] where more than [`Options::write_buffer`] would then wait.
            pub fn write(&mut self, packet: &impl Encode) -> Result<usize, WriteError> {
                self.outbox.write(packet)
            }

            /// What waits to be sent, to write to in other ways, or in another version.
            pub fn outbox(&mut self) -> &mut Outbox {
                &mut self.outbox
            }

            /// The stream.
            pub fn stream(&self) -> &W {
                &self.stream
            }
        }
    };
}
pub(crate) use connection;
