"""Two histograms or two sets of moments to published scores; one statistic per file. Pure."""
