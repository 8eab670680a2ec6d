import DLAText

/// A number of bytes for people, in units of 1,024.
func bytes(_ count: Int) -> String {
  count < 1 << 20
    ? fixed(Double(count) / 1024, 1) + " KiB" : fixed(Double(count) / 1_048_576, 1) + " MiB"
}
