@_exported import DLACUDA
@_exported import DLACheckpoints
@_exported import DLACore
@_exported import DLAData
@_exported import DLAModels
@_exported import DLARecipes
@_exported import DLARuntime
@_exported import DLATraining
