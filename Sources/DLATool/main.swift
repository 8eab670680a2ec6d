import DLACore
import DLAModels
import DLARuntime
import Foundation

func reference(_ name: String) -> [Double] {
  let d = try! Data(contentsOf: URL(fileURLWithPath: "/tmp/ref/\(name)"))
  return d.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
}
func input(_ tag: String, _ n: Int) -> [Float] {
  var r = KeyedRandom(key: "input/\(tag)")
  return (0..<n).map { _ in Float(2 * r.nextUniform()) }
}
func error(_ a: ArraySlice<Float>, _ b: ArraySlice<Double>) -> Double {
  let d = zip(a, b).reduce(0.0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
  return (d / b.reduce(0) { $0 + $1 * $1 }).squareRoot()
}
let arguments = CommandLine.arguments
let threads = 2
let pool = ThreadPool(count: threads)
if arguments[1] == "check" {
  for variant in Variant.all where arguments.count < 4 || arguments[3] == variant.name {
    let graph = variant.graph()
    print(variant.name, graph.parameterCount, graph.statisticCount, graph.multiplyAdds(input: Size(height: 224, width: 224)), terminator: " ")
    for (tag, n, h, w) in [("224", 2, 224, 224), ("256x320", 1, 256, 320)] {
      let plan = try Plan(graph, weights: SyntheticWeights(model: variant.name), options: .init(batchSize: n, size: Size(height: h, width: w), instructionSet: InstructionSet(rawValue: arguments[2])!, threads: threads, keepsLevels: tag == "224"))
      let run = try Run(plan, on: pool)
      input(tag, n * 3 * h * w).withUnsafeBufferPointer { run($0) }
      let r = reference("\(variant.name)_\(tag)_logits")
      let l = run.logits.elements
      for i in 0..<n { print(error(l[i * 1000..<i * 1000 + 1000], r[i * 1000..<i * 1000 + 1000]), terminator: " ") }
      if tag == "224" {
        for (k, level) in run.levels.enumerated() {
          let area = level.shape[2] * level.shape[3]
          let means = (0..<n * level.shape[1]).map { i in Float(level.elements[i * area..<i * area + area].reduce(0.0) { $0 + Double($1) } / Double(area)) }
          print("L\(k)", error(means[...], reference("\(variant.name)_\(tag)_level\(k).mean")[...]), terminator: " ")
        }
      }
    }
    print()
  }
} else {
  let names = arguments[1] == "all" ? Variant.all.prefix(10).map(\.name) : arguments[1].split(separator: ",").map(String.init)
  let isa = InstructionSet(rawValue: arguments[3])!
  let pool = ThreadPool(count: Int(arguments[4])!)
  for name in names {
    let variant = try Variant.named(name)
    for n in arguments[2].split(separator: ",").map({ Int($0)! }) {
      let graph = variant.graph()
      let t0 = Platform.monotonicSeconds
      let plan = try Plan(graph, weights: SyntheticWeights(model: variant.name), options: .init(batchSize: n, size: Size(height: 224, width: 224), instructionSet: isa, threads: pool.count))
      let t1 = Platform.monotonicSeconds
      let run = try Run(plan, on: pool)
      let x = input("224", n * 3 * 224 * 224)
      x.withUnsafeBufferPointer { run($0) }
      var times: [Double] = []
      let start = Platform.monotonicSeconds
      while Platform.monotonicSeconds - start < 1 || times.count < 5 {
        let t = Platform.monotonicSeconds
        x.withUnsafeBufferPointer { run($0) }
        times.append(Platform.monotonicSeconds - t)
      }
      times.sort()
      let macs = Double(graph.multiplyAdds(input: Size(height: 224, width: 224)) * n)
      print(name, n, "median", times[times.count / 2] * 1e3, "best", times[0] * 1e3, "GF/s", 2e-9 * macs / times[times.count / 2], "plan", t1 - t0, "arena", plan.arenaBytes, "packed", plan.packedBytes)
    }
  }
}
