"""TVM: a stage program at concrete sizes becomes TVMScript text, the text a module, the module a function."""
