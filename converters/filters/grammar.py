"""The grammar of filterQuery, for Lark's LALR parser.

A keyword is a keyword everywhere; a property with such a name needs backquotes. `=` before another operator character is no token,
so an error for `==` points at its first character.
"""

GRAMMAR = r"""
?start: either
?either: both (_OR both)+ -> disjunction
       | both
?both: term (_AND term)+ -> conjunction
     | term
?term: NOT term -> negation
     | _LPAR either _RPAR
     | PATH OPERATOR value -> comparison
     | PATH LIKE value -> like
     | PATH NOT LIKE value -> not_like
     | PATH _IN _LPAR [value (_COMMA value)*] _RPAR -> membership
     | PATH NOT _IN _LPAR [value (_COMMA value)*] _RPAR -> not_membership
     | PATH _IS _NULL -> is_null
     | PATH _IS NOT _NULL -> is_not_null

?value: STRING -> string
      | INT -> whole
      | FLOAT -> decimal
      | BOOL -> boolean

_AND.3: /and(?![A-Za-z0-9_.])/i
_OR.3: /or(?![A-Za-z0-9_.])/i
NOT.3: /not(?![A-Za-z0-9_.])/i
LIKE.3: /i?like(?![A-Za-z0-9_.])/i
_IN.3: /in(?![A-Za-z0-9_.])/i
_IS.3: /is(?![A-Za-z0-9_.])/i
_NULL.3: /null(?![A-Za-z0-9_.])/i
BOOL.3: /(?:true|false)(?![A-Za-z0-9_.])/i
OPERATOR: /<>|!=|<=|>=|=(?![=<>~])|<(?![<=>])|>(?![<=>])/
_LPAR: "("
_RPAR: ")"
_COMMA: ","
STRING: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/s
FLOAT.2: /[+-]?(?:[0-9]+\.[0-9]*(?:e[+-]?[0-9]+)?|\.[0-9]+(?:e[+-]?[0-9]+)?|[0-9]+e[+-]?[0-9]+)(?![A-Za-z0-9_.])/i
INT: /[+-]?[0-9]+(?![A-Za-z0-9_.])/
PATH: /(?:[A-Za-z_][A-Za-z0-9_]*|`(?:[^`\\]|\\.)*`)(?:\.(?:[A-Za-z_][A-Za-z0-9_]*|`(?:[^`\\]|\\.)*`))*/s
COMMENT.4: /--[^\n]*/
%ignore COMMENT
%ignore /[ \t\r\n\f]+/
"""
