/** Names of Python's builtins module, and module attributes every file has. */
export const pythonGlobals: ReadonlySet<string> = new Set(
  `abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex copyright credits delattr dict dir divmod enumerate eval exec exit filter float format frozenset
  getattr globals hasattr hash help hex id input int isinstance issubclass iter len license list locals map max memoryview min next object oct open ord pow print property quit range repr reversed round set
  setattr slice sorted staticmethod str sum super tuple type vars zip __import__ __build_class__ __debug__ Ellipsis NotImplemented None True False
  __name__ __file__ __doc__ __package__ __spec__ __loader__ __path__ __builtins__ __annotations__ __dict__ __class__ __module__ __qualname__
  BaseException BaseExceptionGroup Exception ExceptionGroup GeneratorExit KeyboardInterrupt SystemExit ArithmeticError AssertionError AttributeError BlockingIOError BrokenPipeError BufferError ChildProcessError ConnectionAbortedError
  ConnectionError ConnectionRefusedError ConnectionResetError EOFError EncodingWarning EnvironmentError FileExistsError FileNotFoundError FloatingPointError IOError ImportError IndentationError IndexError InterruptedError IsADirectoryError
  KeyError LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplementedError OSError OverflowError PermissionError ProcessLookupError PythonFinalizationError RecursionError ReferenceError RuntimeError StopAsyncIteration
  StopIteration SyntaxError SystemError TabError TimeoutError TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError ValueError WindowsError ZeroDivisionError
  Warning BytesWarning DeprecationWarning FutureWarning ImportWarning PendingDeprecationWarning ResourceWarning RuntimeWarning SyntaxWarning UnicodeWarning UserWarning
  unicode basestring xrange raw_input long unichr reduce cmp execfile reload file reveal_type`.split(/\s+/),
);
