//! Nothing here: the suites are the test targets beside this file.
