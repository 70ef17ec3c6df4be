from typing import final

@final
class Verifier: ...

@final
class Vouching: ...
