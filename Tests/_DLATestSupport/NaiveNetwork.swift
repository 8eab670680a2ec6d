import DLAGraph
import DLASystem
import DLATensor
