/// Writes what a network should say of a batch: for each image a share of every class.
///
/// With smoothing ε and K classes, the labelled class has 1 − ε + ε / K and each other ε / K
/// (Szegedy et al., arXiv:1512.00567), as in PyTorch and PaddleClas.
///
/// - Parameters:
///   - labels: the class of each image, from 0 to below `classes`.
///   - classes: K.
///   - smoothing: ε, from 0 to 1.
///   - targets: [N, K], all of it is written.
/// - Precondition: labels are classes, and there is room for exactly all of them.
package func writeTargets(
  labels: [Int], classes: Int, smoothing: Double = 0,
  to targets: UnsafeMutableBufferPointer<Float>
) {
  precondition(targets.count == labels.count * classes, "targets are not [N, K]")
  precondition((0...1).contains(smoothing), "the smoothing \(smoothing) is not from 0 to 1")
  let share = smoothing / Double(max(classes, 1))
  targets.update(repeating: Float(share))
  for (image, label) in labels.enumerated() {
    precondition((0..<classes).contains(label), "label \(label) is none of \(classes) classes")
    targets[image * classes + label] = Float(1 - smoothing + share)
  }
}
