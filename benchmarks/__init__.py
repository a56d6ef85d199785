"""Speed, accuracy and load, measured on the machine at hand and printed as ratios, which travel better than seconds."""
