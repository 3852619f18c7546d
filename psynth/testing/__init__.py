"""The conformance kit for authors of plugins: each check raises AssertionError with the contract that is broken.

A plugin's own tests call it with the names that the plugin registers::

    from psynth.testing import check_domain, check_format, check_method

    def test_conformance():
        check_domain("tiles")
        check_method("enumerate random")
        check_format("tiles-json")
"""

from psynth.testing.domains import check_domain as check_domain
from psynth.testing.formats import check_format as check_format
from psynth.testing.methods import check_method as check_method
