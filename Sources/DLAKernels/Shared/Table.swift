import CDLAKernels

/// The kernels of this instruction set, for the module's exported function.
@inline(__always) var table: KernelTable {
  KernelTable(
    lanes: lanes, columns: RowTiles.maximum, convolve: convolveDirect,
    convolveGrouped: convolveGrouped, winogradInput: winogradInput,
    winogradProducts: winogradProducts, winogradOutput: winogradOutput,
    winograd1DInput: winograd1DInput, winograd1DOutput: winograd1DOutput, maxPool: maxPool,
    averagePool3x3: averagePool3x3, globalAverage: globalAverage, add: addRows,
    batchNormSums: batchNormSums, batchNorm: batchNorm,
    batchNormGradientSums: batchNormGradientSums, batchNormGradient: batchNormGradient,
    weightGradient: weightGradient, groupedWeightGradient: groupedWeightGradient,
    maxPoolGradient: maxPoolGradient, winogradWeights: winogradWeights,
    winogradGradient: winogradGradient, winogradWeightGradient: winogradWeightGradient,
    transpose: transpose)
}
