"""What AWS would meter, and bill: counted as AWS counts it, told by the execution that used it."""
