print("corfu")
