from typing import Final

ABI_VERSION: Final[int]

def get_include() -> str: ...
