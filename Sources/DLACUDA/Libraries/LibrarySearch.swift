import DLASystem

/// The search for CUDA's libraries: in the toolkit's folder that the user names, in the folders of
/// the system, and in NVIDIA's Python packages.
package struct LibrarySearch: Sendable {
  /// The value of an environment variable, nil if it is not set.
  package let environment: @Sendable (String) -> String?

  package init(environment: @escaping @Sendable (String) -> String?) {
    self.environment = environment
  }

  /// Loads the first library that is found of file names such as `libnvrtc.so.12`, the best first.
  package func first(of names: [String]) -> DynamicLibrary? {
    for name in names {
      let paths = named.map { "\($0)/\(name)" } + [name] + usual.map { "\($0)/\(name)" }
      for path in paths where path == name || Folder.kind(of: path) == .file {
        if let library = try? DynamicLibrary(path) { return library }
      }
    }
    return nil
  }

  private var named: [String] {
    ["CUDA_HOME", "CUDA_PATH"].compactMap(variable).flatMap { ["\($0)/lib64", "\($0)/lib"] }
  }

  /// The folders that are searched after those of the system, which honours LD_LIBRARY_PATH.
  private var usual: [String] { ["/usr/local/cuda/lib64"] + pythonPrefixes.flatMap(packages) }

  /// The Python environments: the active ones, and those whose python3 is on the path.
  ///
  /// Relative entries of the path are ignored: what they name depends on the current folder, from
  /// which no library may be loaded.
  private var pythonPrefixes: [String] {
    var prefixes = ["VIRTUAL_ENV", "CONDA_PREFIX"].compactMap(variable)
    for folder in (variable("PATH") ?? "").split(separator: ":")
    where folder.hasPrefix("/") && folder.hasSuffix("/bin") {
      guard Folder.kind(of: "\(folder)/python3") == .file else { continue }
      prefixes.append(String(folder.dropLast("/bin".count)))
    }
    if let home = variable("HOME") { prefixes.append("\(home)/.local") }
    var seen = Set<String>()
    return prefixes.filter { seen.insert($0).inserted }
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
