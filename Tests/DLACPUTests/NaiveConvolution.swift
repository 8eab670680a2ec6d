import DLAGraph
import DLATensor

/// A convolution in float64 by its definition, for tests.
///
/// In [N, I, H, W], weights [O, I / groups, side, side], out [N, O, H / stride, W / stride].
func naiveConvolution(
  _ input: [Double], images: Int, size: SpatialSize, _ convolution: Convolution, weights: [Double]
) -> [Double] {
  let out = SpatialSize(
    height: size.height / convolution.stride, width: size.width / convolution.stride)
  let inputs = convolution.inChannels / convolution.groups
  let outputs = convolution.outChannels / convolution.groups
  let side = convolution.kernelSize
  var result = [Double](repeating: 0, count: images * convolution.outChannels * out.area)
  for image in 0..<images {
    for o in 0..<convolution.outChannels {
      for y in 0..<out.height {
        for x in 0..<out.width {
          var sum = 0.0
          for i in 0..<inputs {
            let channel = image * convolution.inChannels + o / outputs * inputs + i
            for ky in 0..<side {
              let row = y * convolution.stride + ky - convolution.padding
              guard 0..<size.height ~= row else { continue }
              for kx in 0..<side {
                let column = x * convolution.stride + kx - convolution.padding
                guard 0..<size.width ~= column else { continue }
                sum +=
                  input[(channel * size.height + row) * size.width + column]
                  * weights[((o * inputs + i) * side + ky) * side + kx]
              }
            }
          }
          result[((image * convolution.outChannels + o) * out.height + y) * out.width + x] = sum
        }
      }
    }
  }
  return result
}
