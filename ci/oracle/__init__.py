"""The oracle: compares lobbywire's Bancho codec with chio, packet by packet, in every client version.

chio is an independent implementation that servers with real clients run. Intentional differences are listed in
`differences` together with the expected result; nothing else may differ.
"""
