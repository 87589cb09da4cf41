"""An operator as HTML for notebooks: its formula, its sizes and tensors, what it costs, its picture."""
