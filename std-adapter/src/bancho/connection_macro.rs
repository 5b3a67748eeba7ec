//! The types of a connection and their methods without I/O, shared by tokio and blocking streams.

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
            /// A server's connection to a client, with [`Options::server`].
            pub fn server(stream: S, version: Version) -> Self {
                Self::reading(Side::Client, stream, version)
            }

            /// A client's connection to a server, with [`Options::client`].
            pub fn client(stream: S, version: Version) -> Self {
                Self::reading(Side::Server, stream, version)
            }

            /// A connection that reads what `side` sends, with [`Options::reading`].
            pub fn reading(side: Side, stream: S, version: Version) -> Self {
                let read_buffer = ReadBuffer::new(Codec::reading(side, version));
                Self { stream, read_buffer, outbox: Outbox::new(version).with_options(Options::reading(side)) }
            }

            /// Replaces the options.
            #[must_use]
            pub fn with_options(self, options: Options) -> Self {
                let read_buffer = self.read_buffer.with_options(options);
                Self { read_buffer, outbox: self.outbox.with_options(options), ..self }
            }

            /// Replaces how some packets are written or read.
            #[must_use]
            pub fn with_overrides(self, overrides: &Overrides) -> Self {
                let read_buffer = self.read_buffer.with_overrides(overrides);
                Self { read_buffer, outbox: self.outbox.with_overrides(overrides), ..self }
            }

            /// Adds bytes that were already read from the stream, such as those after a login.
            #[must_use]
            pub fn with_received(mut self, bytes: &[u8]) -> Self {
                self.read_buffer.buffer.extend_from_slice(bytes);
                self
            }

            /// The version of the client.
            pub fn version(&self) -> Version {
                self.outbox.version()
            }

            /// Changes the version in both directions, from the next packet on.
            pub fn set_version(&mut self, version: Version) {
                self.read_buffer.codec.set_version(version);
                self.outbox.set_version(version);
            }

            /// Encodes a packet into the send buffer, leniently. Returns the number of frames written; 0 means
            /// that this version has no such packet.
            ///
            /// # Errors
            /// [`WriteError::Full`] if the send buffer would exceed [`Options::write_buffer`].
            pub fn write(&mut self, packet: &impl Encode) -> Result<usize, WriteError> {
                self.outbox.write(packet)
            }

            /// The send buffer, for the other ways to write.
            pub fn outbox(&mut self) -> &mut Outbox {
                &mut self.outbox
            }

            /// The stream.
            pub fn stream(&self) -> &S {
                &self.stream
            }

            /// Returns the stream. Bytes in the read buffer and the send buffer are lost.
            pub fn into_stream(self) -> S {
                self.stream
            }

            $(#[$split_docs])*
            pub fn split_with<R, W>(self, split: impl FnOnce(S) -> (R, W)) -> (Reader<R>, Writer<W>) {
                let (reads, writes) = split(self.stream);
                (Reader { stream: reads, read_buffer: self.read_buffer }, Writer { stream: writes, outbox: self.outbox })
            }
        }

        /// The reading half of a [`Connection`].
        #[derive(Debug)]
        pub struct Reader<R> {
            stream: R,
            read_buffer: ReadBuffer,
        }

        impl<R> Reader<R> {
            /// Changes the version, from the next packet on.
            pub fn set_version(&mut self, version: Version) {
                self.read_buffer.codec.set_version(version);
            }

            /// The stream.
            pub fn stream(&self) -> &R {
                &self.stream
            }
        }

        /// The writing half of a [`Connection`].
        #[derive(Debug)]
        pub struct Writer<W> {
            stream: W,
            outbox: Outbox,
        }

        impl<W> Writer<W> {
            /// Encodes a packet into the send buffer. See [`Connection::write`].
            ///
            /// # Errors
            /// Those of [`Connection::write`].
            pub fn write(&mut self, packet: &impl Encode) -> Result<usize, WriteError> {
                self.outbox.write(packet)
            }

            /// The send buffer, for the other ways to write, or to change the version.
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
