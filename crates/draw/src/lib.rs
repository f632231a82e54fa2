//! A draw that anyone can check. The list of tickets is frozen and its hash published; randomness that nobody could
//! know by then decides; the formula is fixed; the protocol lets a stranger count it all again. Pure: no clock, no
//! chance, no database, so that what checks a draw is what drew it and nothing else.
