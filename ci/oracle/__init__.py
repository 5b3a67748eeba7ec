"""The oracle: lobbywire's Bancho codec against chio, packet by packet, over every client version.

chio is an independent implementation that servers with real clients run, so agreement with it is worth more than
any test of ours. Where we disagree on purpose, `differences` says exactly what we write instead; nothing else may
differ.
"""
