"""Adaptive Cards as tables: what each element and action may hold, and since which version of the schema.

https://adaptivecards.io/explorer/ and https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

WORDS: Final = {
    "color": "default dark light accent good warning attention",
    "font": "default monospace",
    "size": "default small medium large extralarge",
    "weight": "default lighter bolder",
    "horizontal": "left center right",
    "vertical": "top center bottom",
    "spacing": "default none small medium large extralarge padding",
    "height": "auto stretch",
    "container": "default emphasis good attention warning accent",
    "heading": "default heading",
    "image-size": "auto stretch small medium large",
    "image-style": "default person",
    "fill": "cover repeathorizontally repeatvertically repeat",
    "choice": "compact expanded",
    "input": "text tel url email password",
    "action-style": "default positive destructive",
    "mode": "primary secondary",
    "associated": "auto none",
}


@dataclass(frozen=True)
class Shape:
    """What one kind of thing may hold.

    A value is a kind: ``kind+`` is a list, ``kind?`` may be null, ``kind@1.5`` is of that version, and ``~Name``
    is a shape.
    """

    holds: Mapping[str, str]
    needs: tuple[str, ...] = ()
    since: float = 1.0


def _kinds(text: str) -> dict[str, str]:
    return dict(part.split("=") for part in text.split())


_ITEM = _kinds("id=string isVisible=bool@1.2 requires=object@1.2")
_BLOCK = _ITEM | _kinds("fallback=fallback@1.2 height=height@1.1 separator=bool spacing=spacing")
_INPUT = _BLOCK | _kinds("errorMessage=string@1.3 isRequired=bool@1.3 label=string@1.3")
_BUTTON = _kinds(
    "title=string iconUrl=string@1.1 id=string style=action-style@1.2 fallback=action-fallback@1.2 tooltip=string@1.5"
    " isEnabled=bool@1.5 mode=mode@1.5 requires=object@1.2"
)
_BOX = _kinds(
    "selectAction=select@1.1 style=container? verticalContentAlignment=vertical?@1.1 bleed=bool@1.2"
    " backgroundImage=background@1.2 minHeight=string@1.2"
)
_TYPED = _kinds("placeholder=string value=string")
_RUN = _kinds(
    "color=color? fontType=font?@1.2 highlight=bool isSubtle=bool? italic=bool selectAction=select@1.1 size=size?"
    " strikethrough=bool underline=bool@1.3 weight=weight?"
)

ELEMENTS: Final = {
    "TextBlock": Shape(
        _BLOCK
        | _kinds(
            "text=string color=color? fontType=font?@1.2 horizontalAlignment=horizontal? isSubtle=bool?"
            " maxLines=number size=size? weight=weight? wrap=bool style=heading?@1.5"
        ),
        ("text",),
    ),
    "RichTextBlock": Shape(
        _BLOCK | _kinds("inlines=inline+ horizontalAlignment=horizontal?"), ("inlines",), 1.2
    ),
    "Container": Shape(_BLOCK | _BOX | _kinds("items=element+"), ("items",)),
    "ColumnSet": Shape(
        _BLOCK
        | _kinds(
            "columns=~Column+ selectAction=select@1.1 style=container?@1.2 bleed=bool@1.2 minHeight=string@1.2"
            " horizontalAlignment=horizontal?"
        )
    ),
    "FactSet": Shape(_BLOCK | _kinds("facts=~Fact+"), ("facts",)),
    "Image": Shape(
        _ITEM
        | _kinds(
            "url=string altText=string backgroundColor=string@1.1 height=string@1.1 width=string@1.1 size=image-size"
            " horizontalAlignment=horizontal? selectAction=select@1.1 style=image-style fallback=fallback@1.2"
            " separator=bool spacing=spacing"
        ),
        ("url",),
    ),
    "ImageSet": Shape(_BLOCK | _kinds("images=~Image+ imageSize=image-size"), ("images",)),
    "ActionSet": Shape(_BLOCK | _kinds("actions=action+"), ("actions",), 1.2),
    "Media": Shape(_BLOCK | _kinds("sources=~MediaSource+ poster=string altText=string"), ("sources",), 1.1),
    "Table": Shape(
        _BLOCK
        | _kinds(
            "columns=~TableColumnDefinition+ rows=~TableRow+ firstRowAsHeader=bool showGridLines=bool"
            " gridStyle=container? horizontalCellContentAlignment=horizontal?"
            " verticalCellContentAlignment=vertical?"
        ),
        (),
        1.5,
    ),
    "Input.Text": Shape(
        _INPUT
        | _TYPED
        | _kinds("isMultiline=bool maxLength=number regex=string@1.3 style=input inlineAction=select@1.2"),
        ("id",),
    ),
    "Input.ChoiceSet": Shape(
        _INPUT
        | _TYPED
        | _kinds(
            "choices=~Input.Choice+ choices.data=~Data.Query isMultiSelect=bool style=choice wrap=bool@1.2"
        ),
        ("id",),
    ),
    "Input.Toggle": Shape(
        _INPUT | _kinds("title=string value=string valueOff=string valueOn=string wrap=bool@1.2"),
        ("id", "title"),
    ),
    "Input.Number": Shape(_INPUT | _kinds("max=number min=number placeholder=string value=number"), ("id",)),
    "Input.Date": Shape(_INPUT | _TYPED | _kinds("max=string min=string"), ("id",)),
    "Input.Time": Shape(_INPUT | _TYPED | _kinds("max=string min=string"), ("id",)),
}

ACTIONS: Final = {
    "Action.Execute": Shape(_BUTTON | _kinds("verb=string data=data associatedInputs=associated"), (), 1.4),
    "Action.Submit": Shape(_BUTTON | _kinds("data=data associatedInputs=associated@1.3")),
    "Action.OpenUrl": Shape(_BUTTON | _kinds("url=string"), ("url",)),
    "Action.ShowCard": Shape(_BUTTON | _kinds("card=card")),
    "Action.ToggleVisibility": Shape(_BUTTON | _kinds("targetElements=target+"), ("targetElements",), 1.2),
}

PARTS: Final = {
    "Column": Shape(
        _ITEM
        | _BOX
        | _kinds(
            "items=element+ fallback=fallback@1.2 rtl=bool?@1.5 separator=bool spacing=spacing width=width"
        )
    ),
    "Fact": Shape(_kinds("title=string value=string"), ("title", "value")),
    "Image": ELEMENTS["Image"],
    "MediaSource": Shape(_kinds("mimeType=string url=string"), ("mimeType", "url")),
    "Data.Query": Shape(_kinds("dataset=string"), ("type", "dataset")),
    "Input.Choice": Shape(_kinds("title=string value=string"), ("title", "value")),
    "TextRun": Shape(_RUN | _kinds("text=string"), ("text",)),
    "TargetElement": Shape(_kinds("elementId=string isVisible=bool"), ("elementId",)),
    "TableColumnDefinition": Shape(
        _kinds(
            "width=width horizontalCellContentAlignment=horizontal? verticalCellContentAlignment=vertical?"
        )
    ),
    "TableRow": Shape(
        _kinds(
            "cells=~TableCell+ style=container? horizontalCellContentAlignment=horizontal?"
            " verticalCellContentAlignment=vertical?"
        )
    ),
    "TableCell": Shape(_BOX | _kinds("items=element+"), ("items",)),
    "BackgroundImage": Shape(
        _kinds("url=string fillMode=fill horizontalAlignment=horizontal verticalAlignment=vertical"), ("url",)
    ),
    "Refresh": Shape(_kinds("action=~Action.Execute userIds=string+")),
    "Action.Execute": ACTIONS["Action.Execute"],
    "AdaptiveCard": Shape(
        _kinds(
            "$schema=string version=string refresh=~Refresh@1.4 body=element+ actions=action+ selectAction=select@1.1"
            " fallbackText=string backgroundImage=background minHeight=string@1.2 rtl=bool?@1.5 speak=string"
            " lang=string verticalContentAlignment=vertical@1.1 msteams=object"
        )
    ),
}
"""Things that stand in one place only, and may leave their type out. ``authentication`` is not among them: sign-in in
a card needs an OAuth connection, which this bot has not."""
