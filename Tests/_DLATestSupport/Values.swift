import DLACheckpoints
import DLASystem
import DLATensor
