import DLASystem

/// Where CUDA's libraries may be: the toolkit's folder that a person names, where the system looks, and
/// what pip has put beside Python's packages.
package struct LibrarySearch: Sendable {
  /// The value of an environment variable, nil if it is not set.
  package let environment: @Sendable (String) -> String?

  /// Looks where an environment leads.
  package init(environment: @escaping @Sendable (String) -> String?) {
    self.environment = environment
  }

  /// Loads the first of some names, of each from the first place that has it.
  ///
  /// - Parameter names: file names, the best first, for instance `libnvrtc.so.12`.
  /// - Returns: the library; nil if none of the names is anywhere.
  package func first(of names: [String]) -> DynamicLibrary? {
    for name in names {
      let paths =
        named.map { "\($0)/\(name)" } + [name] + usual.map { "\($0)/\(name)" }
      for path in paths where path == name || Folder.kind(of: path) == .file {
        if let library = try? DynamicLibrary(path) { return library }
      }
    }
    return nil
  }

  /// Folders that a person names.
  private var named: [String] {
    ["CUDA_HOME", "CUDA_PATH"].compactMap(variable).flatMap { ["\($0)/lib64", "\($0)/lib"] }
  }

  /// Folders that are looked into behind those of the system, which honours LD_LIBRARY_PATH.
  private var usual: [String] { ["/usr/local/cuda/lib64"] + pythonPrefixes.flatMap(packages) }

  /// Where Python environments are: those that are active, and those whose python3 the path leads to.
  private var pythonPrefixes: [String] {
    let active = ["VIRTUAL_ENV", "CONDA_PREFIX"].compactMap(variable)
    let onPath = (variable("PATH") ?? "").split(separator: ":").map(String.init)
      .filter { $0.hasSuffix("/bin") && Folder.kind(of: "\($0)/python3") == .file }
      .map { String($0.dropLast("/bin".count)) }
    let own = variable("HOME").map { ["\($0)/.local"] } ?? []
    var seen = Set<String>()
    return (active + onPath + own).filter { seen.insert($0).inserted }
  }

  /// NVIDIA's packages of an environment: `lib/python3.*/site-packages/nvidia/*/lib`.
  private func packages(_ prefix: String) -> [String] {
    folders(in: "\(prefix)/lib").filter { $0.hasPrefix("python3") }
      .flatMap { python in
        ["site-packages", "dist-packages"].flatMap { packages in
          let nvidia = "\(prefix)/lib/\(python)/\(packages)/nvidia"
          return folders(in: nvidia).map { "\(nvidia)/\($0)/lib" }
        }
      }
  }

  private func folders(in path: String) -> [String] {
    (Folder.contents(of: path) ?? []).compactMap { entry in
      if case .folder = entry.kind { entry.name } else { nil }
    }
  }

  private func variable(_ name: String) -> String? {
    environment(name).flatMap { $0.isEmpty ? nil : $0 }
  }
}
