// SwiftPM asks every C target for one source file; all of this one is in its header.
