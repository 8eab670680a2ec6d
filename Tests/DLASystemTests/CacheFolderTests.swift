import DLASystem
import Testing

/// The cache folder that an environment specifies.
struct CacheFolderTests {
  private static func folder(_ variables: [String: String]) -> String? {
    CacheFolder.user { variables[$0] }?.path
  }

  @Test func theFirstFolderThatIsNamedIsUsed() {
    let all = ["DLA_CACHE": "mine", "XDG_CACHE_HOME": "/caches", "HOME": "/home/a"]
    #expect(Self.folder(all) == "mine")
    #expect(Self.folder(all.merging(["DLA_CACHE": ""]) { $1 }) == "/caches/swift-dla")
    #if os(macOS)
      let inHome = "/home/a/Library/Caches/swift-dla"
    #else
      let inHome = "/home/a/.cache/swift-dla"
    #endif
    #expect(Self.folder(["HOME": "/home/a"]) == inHome)
    #expect(Self.folder(["HOME": "/home/a", "XDG_CACHE_HOME": "relative"]) == inHome)
  }

  @Test func offAndNoHomeAreNoCache() {
    #expect(Self.folder(["DLA_CACHE": "off", "HOME": "/home/a"]) == nil)
    #expect(Self.folder(["DLA_CACHE": "OFF", "HOME": "/home/a"]) == nil)
    #expect(Self.folder([:]) == nil)
    #expect(Self.folder(["HOME": "", "XDG_CACHE_HOME": ""]) == nil)
  }
}
