import DLATensor
