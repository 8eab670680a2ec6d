#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The system's calls for folders and the files in them; what fails is left undone.
package enum Folder {
  /// A regular file of a folder.
  package struct Entry: Sendable {
    /// The name without the folder.
    package let name: String
    package let bytes: Int
    /// Seconds since 1970 and nanoseconds: when it was last written or touched.
    package let modified: (seconds: Int, nanoseconds: Int)
  }

  /// Makes a folder, and those above it, where they are missing; by default for this user alone.
  package static func create(_ path: String, isPrivate: Bool = true) {
    var position = path.utf8.startIndex
    while position < path.utf8.endIndex {
      position = path.utf8.index(after: position)
      position = path.utf8[position...].firstIndex(of: UInt8(ascii: "/")) ?? path.utf8.endIndex
      mkdir(PathText.bytes(String(path[..<position])), isPrivate ? 0o700 : 0o777)
    }
  }

  /// The regular files of a folder, in no order; empty if it can't be read.
  package static func files(of path: String) -> [Entry] {
    guard let directory = opendir(PathText.bytes(path)) else { return [] }
    defer { closedir(directory) }
    var entries: [Entry] = []
    // A record is shorter than its type, so the name is read where it lies.
    guard let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
    while let record = readdir(directory) {
      let address = UnsafeRawPointer(record) + nameOffset
      let name = PathText.text(address.assumingMemoryBound(to: CChar.self))
      var status = stat()
      guard lstat(PathText.bytes("\(path)/\(name)"), &status) == 0,
        status.st_mode & S_IFMT == S_IFREG
      else { continue }
      entries.append(Entry(name: name, bytes: Int(status.st_size), modified: modified(status)))
    }
    return entries
  }

  /// The kind of an entry of a folder; links have the kind of their target.
  package enum Kind: Sendable, Equatable {
    case file
    case folder
    /// A link that leads nowhere, or where this user may not look.
    case brokenLink
    /// A pipe, a socket or a device.
    case other
  }

  /// The kind of a path; nil if nothing is there.
  package static func kind(of path: String) -> Kind? {
    var status = stat()
    guard !path.utf8.contains(0), stat(PathText.bytes(path), &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  /// Text that changes when a file does: its length and when it was written; empty if there is
  /// none.
  package static func version(of path: String) -> String {
    var status = stat()
    guard stat(PathText.bytes(path), &status) == 0 else { return "" }
    let modified = modified(status)
    return "\(status.st_size) \(modified.seconds).\(modified.nanoseconds)"
  }

  /// When a file was last written to.
  private static func modified(_ status: stat) -> (seconds: Int, nanoseconds: Int) {
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    return (Int(time.tv_sec), Int(time.tv_nsec))
  }

  /// All names in a folder but those that begin with a dot, in the order of their bytes.
  ///
  /// - Returns: nil if it can't be read.
  package static func contents(of path: String) -> [(name: String, kind: Kind)]? {
    guard !path.utf8.contains(0),
      let directory = opendir(PathText.bytes(path.isEmpty ? "." : path))
    else { return nil }
    defer { closedir(directory) }
    guard let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name) else { return nil }
    var found: [(name: String, kind: Kind)] = []
    while let record = readdir(directory) {
      let address = (UnsafeRawPointer(record) + nameOffset).assumingMemoryBound(to: CChar.self)
      guard address.pointee != CChar(bitPattern: UInt8(ascii: ".")) else { continue }
      let name = PathText.text(address)
      // Most systems say what it is; asking for each takes ten times as long.
      let kind: Kind =
        switch Int32(record.pointee.d_type) {
        case Int32(DT_REG): .file
        case Int32(DT_DIR): .folder
        default: Self.kind(of: path.isEmpty ? name : "\(path)/\(name)") ?? .brokenLink
        }
      found.append((name, kind))
    }
    return found.sorted { PathText.precedes($0.name, $1.name) }
  }

  /// Sets the time at which a file was last written to now.
  package static func touch(_ path: String) { utimes(PathText.bytes(path), nil) }

  /// Removes a file; processes that have it mapped keep its bytes.
  package static func remove(_ path: String) { unlink(PathText.bytes(path)) }

  /// Seconds since 1970.
  package static var now: Int { time(nil) }
}
