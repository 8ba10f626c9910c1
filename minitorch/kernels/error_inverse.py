"""The inverse of the error function."""

from __future__ import annotations

import numpy as np

from minitorch.kernels.error import _horner

# M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied
# Statistics 37 (1988): rational approximations with a relative error of 1e-16, constant term first.
_CENTRE_P = (
    3.3871328727963666080e0,
    1.3314166789178437745e2,
    1.9715909503065514427e3,
    1.3731693765509461125e4,
    4.5921953931549871457e4,
    6.7265770927008700853e4,
    3.3430575583588128105e4,
    2.5090809287301226727e3,
)
_CENTRE_Q = (
    1.0,
    4.2313330701600911252e1,
    6.8718700749205790830e2,
    5.3941960214247511077e3,
    2.1213794301586595867e4,
    3.9307895800092710610e4,
    2.8729085735721942674e4,
    5.2264952788528545610e3,
)
_NEAR_P = (
    1.42343711074968357734e0,
    4.63033784615654529590e0,
    5.76949722146069140550e0,
    3.64784832476320460504e0,
    1.27045825245236838258e0,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
)
_NEAR_Q = (
    1.0,
    2.05319162663775882187e0,
    1.67638483018380384940e0,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
)
_FAR_P = (
    6.65790464350110377720e0,
    5.46378491116411436990e0,
    1.78482653991729133580e0,
    2.96560571828504891230e-1,
    2.65321895265761230930e-2,
    1.24266094738807843860e-3,
    2.71155556874348757815e-5,
    2.01033439929228813265e-7,
)
_FAR_Q = (
    1.0,
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15,
)
_ROOT_HALF = 0.5**0.5


def erfinv(x: np.ndarray) -> np.ndarray:
    """Return the number whose error function is `x`: infinite at -1 and 1, NaN beyond.

    The probability of less than ``sqrt(2) erfinv(x)`` under the normal distribution is
    ``(1 + x) / 2``, of which Wichura's is the inverse. Computed in float64, to a few units in the
    last place of the dtype.
    """
    x = np.asarray(x)
    y = x.astype(np.float64, copy=False)
    a = np.abs(y)
    out = np.full_like(a, np.nan)
    centre, tail = a <= 0.85, (a > 0.85) & (a < 1)
    c = y[centre]
    z = 0.180625 - 0.25 * c * c
    out[centre] = c * (0.5 * _ROOT_HALF) * (_horner(_CENTRE_P, z) / _horner(_CENTRE_Q, z))
    r = np.sqrt(-np.log((1 - a[tail]) / 2))
    out[tail] = np.copysign(_of_tail(r), y[tail])
    out[a == 1] = np.copysign(np.inf, y[a == 1])
    return out.astype(x.dtype, copy=False)


def _of_tail(r: np.ndarray) -> np.ndarray:
    """Return the inverse where less than ``e^(-r^2)`` of the distribution lies beyond."""
    out = np.empty_like(r)
    near = r <= 5
    for where, start, p, q in ((near, 1.6, _NEAR_P, _NEAR_Q), (~near, 5.0, _FAR_P, _FAR_Q)):
        z = r[where] - start
        out[where] = _ROOT_HALF * (_horner(p, z) / _horner(q, z))
    return out
