"""The Argos packages of this machine: where they come from, how they get in, and whether they are still what came.

A package is a folder (`metadata.json`, `model/`, a tokenizer) inside the packages folder; an `.argosmodel` file is
the same folder zipped. Argos Translate's own functions are not used here: its installer unpacks whatever the zip
says, its downloads are neither bounded nor checked, one broken folder makes its listing fail, and importing it
creates folders in the user's home.
"""

from pipeline.models.installation import install_package, remove_package
from pipeline.models.locations import find_shipped, packages_folder
from pipeline.models.own import provide_package
from pipeline.models.packages import InstalledPackage, find_broken_packages, list_packages, package_digest
from pipeline.models.routes import find_route

__all__ = [
    "InstalledPackage",
    "find_broken_packages",
    "find_route",
    "find_shipped",
    "install_package",
    "list_packages",
    "package_digest",
    "packages_folder",
    "provide_package",
    "remove_package",
]
