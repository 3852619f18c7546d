"""The enumerate method ``windows``: programs in order of cost, one window of −log prior after the other."""
