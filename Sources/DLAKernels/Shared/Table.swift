import DLAKernelTypes

/// The kernels of this instruction set.
package let kernels = KernelTable(
  lanes: lanes, columns: maximumColumns,
  convolve: convolveDirect,
  convolveGrouped: convolveGrouped, winogradInput: winogradInput,
  winogradProducts: winogradProducts, winogradOutput: winogradOutput,
  rowFilterInput: rowFilterInput, rowFilterOutput: rowFilterOutput, maxPool: maxPool,
  averagePool3x3: averagePool3x3,
  globalAverage: globalAverage, add: addPlanes,
  training: TrainingKernels(
    normSums: normSums, normalize: normalize, normGradientSums: normGradientSums,
    normGradient: normGradient, correlate: correlate, correlateGroups: correlateGroups,
    maxPoolGradient: maxPoolGradient,
    winogradWeights: winogradWeights, winogradGradient: winogradGradient,
    winogradWeightGradient: winogradWeightGradient, transpose: transpose))
