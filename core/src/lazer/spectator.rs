//! The methods of the spectator hub and of its clients.

use super::payload::Payload;
use super::spectator_types::borrowed;
use crate::signalr::{Arguments, Invocation, WriteInvocation};
use crate::wire::{Error, ErrorKind, Explained, Full, Location, MsgPackReader, MsgPackWriter, Sink, Trace};

macro_rules! calls {
    ($module:ident $Hub:ident $($side:ident {
        $(
            $(#[$docs:meta])*
            $Target:ident $(<$a:lifetime>)? ($($argument:ident: $Type:ident $(<$Of:ident>)?),*) $(-> $Result:ty)?;
        )*
    })*) => {$(
        #[doc = concat!("Methods that a ", stringify!($side), " calls.")]
        pub mod $side {
            use super::*;

            $(
                $(#[$docs])*
                #[derive(Clone, Copy, Debug, Default, PartialEq)]
                pub struct $Target $(<$a>)? {
                    $(#[doc = concat!("The `", stringify!($argument), "`.")] pub $argument: borrowed!($Type $(<$Of>)?),)*
                }

                impl<'a> $Target $(<$a>)? {
                    /// The method's name.
                    pub const TARGET: &'static str = stringify!($Target);

                    #[allow(unused_variables)] // some have no arguments
                    fn read(reader: &mut MsgPackReader<'a>, trace: &mut impl Trace) -> Result<Self, Error> {
                        $(
                            trace.at(Self::TARGET, stringify!($argument));
                            let $argument = Payload::read_with(reader, trace)?;
                        )*
                        Ok(Self { $($argument),* })
                    }
                }

                impl<'a> WriteInvocation for $Target $(<$a>)? {
                    fn target(&self) -> &str {
                        Self::TARGET
                    }

                    fn len(&self) -> usize {
                        <[&str]>::len(&[$(stringify!($argument)),*])
                    }

                    #[inline]
                    #[allow(unused_variables)] // some have no arguments
                    fn write_arguments<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
                        $(self.$argument.write(out)?;)*
                        Ok(())
                    }
                }

                impl<'a> From<$Target $(<$a>)?> for Call<'a> {
                    fn from(call: $Target $(<$a>)?) -> Self {
                        Self::$Target(call)
                    }
                }
            )*

            /// Any of these calls.
            #[derive(Clone, Copy, Debug, PartialEq)]
            #[non_exhaustive]
            pub enum Call<'a> {
                $($(#[$docs])* $Target($Target $(<$a>)?),)*
                /// An unknown method. To forward it, use the [`Message`](crate::signalr::Message) in which it
                /// was received, because the end of its arguments may be unknown.
                Unknown(Invocation<'a>),
            }

            impl<'a> Call<'a> {
                /// Decodes an invocation.
                ///
                /// # Errors
                /// [`ErrorKind::BadArgCount`] if the number of arguments is wrong;
                /// [`ErrorKind::UnexpectedType`] if they are not MessagePack; the errors of
                /// [`Payload::read_with`]. Offsets are from the start of the arguments. Use
                /// [`explain`](Self::explain) to find the field.
                pub fn of(invocation: &Invocation<'a>) -> Result<Self, Error> {
                    Self::read(invocation.target.as_plain(), invocation, &mut ())
                }

                /// Finds the field of an invocation that is malformed; `None` if the invocation is valid.
                #[cold]
                pub fn explain(invocation: &Invocation<'a>) -> Option<Explained> {
                    let mut location = Location::default();
                    let error = Self::read(invocation.target.as_plain(), invocation, &mut location).err()?;
                    Some(Explained { error, location })
                }

                fn read(
                    target: Option<&str>,
                    invocation: &Invocation<'a>,
                    trace: &mut impl Trace,
                ) -> Result<Self, Error> {
                    let arguments = &invocation.arguments;
                    match target {
                        $(Some(stringify!($Target)) => {
                            const COUNT: usize = <[&str]>::len(&[$(stringify!($argument)),*]);
                            trace.at($Target::TARGET, "");
                            $Target::read(&mut begin(arguments, COUNT)?, trace).map(Self::$Target)
                        })*
                        _ => match find_ignoring_case(&[$(stringify!($Target)),*], target) {
                            None => begin(arguments, arguments.len()).map(|_| Self::Unknown(*invocation)),
                            name => Self::read(name, invocation, trace),
                        },
                    }
                }

                /// The method's name, if it contains no escapes.
                pub fn target(&self) -> Option<&'a str> {
                    match self {
                        $(Self::$Target(_) => Some($Target::TARGET),)*
                        Self::Unknown(invocation) => invocation.target.as_plain(),
                    }
                }
            }

            impl WriteInvocation for Call<'_> {
                /// Empty for an unknown method whose name has escapes, which MessagePack does not use.
                fn target(&self) -> &str {
                    Call::target(self).unwrap_or_default()
                }

                fn len(&self) -> usize {
                    match self {
                        $(Self::$Target(call) => call.len(),)*
                        Self::Unknown(invocation) => invocation.arguments.len(),
                    }
                }

                fn write_arguments<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
                    match self {
                        $(Self::$Target(call) => call.write_arguments(out),)*
                        Self::Unknown(invocation) => out.raw(invocation.arguments.bytes()),
                    }
                }
            }
        }
    )*};
}

/// Finds a name that is written in another case. .NET ignores the case of methods.
#[cold]
fn find_ignoring_case(names: &[&'static str], target: Option<&str>) -> Option<&'static str> {
    names.iter().copied().find(|name| target.is_some_and(|target| name.eq_ignore_ascii_case(target)))
}

/// A reader for the arguments, if their number is right.
fn begin<'a>(arguments: &Arguments<'a>, count: usize) -> Result<MsgPackReader<'a>, Error> {
    let reader = arguments.messagepack().ok_or(Error::new(ErrorKind::UnexpectedType, 0))?;
    if arguments.len() == count { Ok(reader) } else { Err(Error::new(ErrorKind::BadArgCount, 0)) }
}

__lazer_spectator_methods!(calls);
