"""What functions of numpy and awkward do to the origin of values, for those where it matters."""

# One entry per event in, one entry per event out (without axis=0 or axis=None).
BY_EVENT = {
    "numpy": {
        "abs", "absolute", "fabs", "sqrt", "square", "exp", "log", "log10", "sin", "cos", "tan", "arctan2", "sinh",
        "cosh", "tanh", "arctanh", "arcsinh", "arccosh", "hypot", "power", "where", "logical_and", "logical_or",
        "logical_not", "logical_xor", "isfinite", "isnan", "nan_to_num", "asarray", "array", "maximum", "minimum",
        "mod", "fmod", "sign", "add", "subtract", "multiply", "divide", "true_divide", "greater", "less", "equal",
        "greater_equal", "less_equal", "not_equal", "clip", "isin", "interp", "copy", "ascontiguousarray", "invert",
    },
    "awkward": {
        "num", "firsts", "fill_none", "is_none", "pad_none", "mask", "sort", "argsort", "to_numpy", "to_list",
        "values_astype", "combinations", "argcombinations", "cartesian", "argcartesian", "zip", "where", "local_index",
        "drop_none", "singletons", "to_regular", "from_regular", "from_iter", "from_numpy", "Array", "nan_to_none",
        "nan_to_num", "isclose", "concatenate", "without_parameters", "with_name", "with_field", "to_packed",
        "enforce_type", "materialize",
    },
}  # fmt: skip

# These look at an axis: the events stay where the axis is that of the objects (1, 2, -1 of a list).
REDUCING = {
    "any", "all", "sum", "prod", "min", "max", "argmin", "argmax", "count", "count_nonzero", "mean", "std", "var",
    "nanmin", "nanmax", "nansum", "ptp",
}  # fmt: skip

# One number of all events together, where no axis is given.
TOTALS = {"sum", "prod", "mean", "std", "var", "nansum", "count", "count_nonzero"}

SHAPED = {"ones_like", "zeros_like", "empty_like", "full_like"}  # take the shape, not the values
FILLED = {"ones", "zeros", "empty", "full", "broadcast_to", "tile", "repeat", "identity", "eye"}
RANGES = {"arange", "indices", "r_", "ogrid", "mgrid", "fromfunction"}
SPREAD = {"linspace", "logspace", "geomspace"}  # numbers that stand in the code, between two others
RUNNING = {
    "cumsum", "cumprod", "nancumsum", "cumulative_sum", "accumulate", "roll", "argwhere", "nonzero", "flatnonzero",
    "lexsort",
}  # fmt: skip

ARRAYS = {"array", "asarray", "Array", "from_iter", "from_numpy", "tile", "repeat", "linspace", "fromiter"}
